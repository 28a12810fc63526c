export { provider } from "../minikube/loaded-image";

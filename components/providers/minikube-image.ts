// States name this path (docs/decisions/0001-dynamic-resources-name-a-module.md).
export { provider } from "../images/minikube-image";

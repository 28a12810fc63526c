/**
 * The Minikube profile of the tests' own, and its kube context and first node's name: no test uses
 * another one that it hasn't made itself.
 */
export const TESTS_PROFILE = "todo-app-tests";
/** Port of the tests' stack on the node. */
export const TESTS_NODE_PORT = 30_100;

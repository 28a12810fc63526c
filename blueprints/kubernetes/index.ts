import type { Rule } from "../rule";
import { rule as backendInside } from "./backend-inside/rule";
import { rule as boundedJobs } from "./bounded-jobs/rule";
import { rule as capabilities } from "./capabilities/rule";
import { rule as configByReference } from "./config-by-reference/rule";
import { rule as disruptionBudgets } from "./disruption-budgets/rule";
import { rule as emptyDirsBounded } from "./empty-dirs-bounded/rule";
import { rule as gracefulShutdown } from "./graceful-shutdown/rule";
import { rule as hooksSelfSufficient } from "./hooks-self-sufficient/rule";
import { rule as imageByContent } from "./image-by-content/rule";
import { rule as imageTags } from "./image-tags/rule";
import { rule as labels } from "./labels/rule";
import { rule as mountsMatch } from "./mounts-match/rule";
import { rule as namespaceRestricted } from "./namespace-restricted/rule";
import { rule as noDevOverlay } from "./no-dev-overlay/rule";
import { rule as noHostAccess } from "./no-host-access/rule";
import { rule as noPrivilegeEscalation } from "./no-privilege-escalation/rule";
import { rule as noPrivilegedContainer } from "./no-privileged-container/rule";
import { rule as noSecretLiterals } from "./no-secret-literals/rule";
import { rule as noServiceLinks } from "./no-service-links/rule";
import { rule as noToken } from "./no-token/rule";
import type { Objects } from "./objects";
import { rule as oneNamespace } from "./one-namespace/rule";
import { rule as ownServiceAccount } from "./own-service-account/rule";
import { rule as patientLiveness } from "./patient-liveness/rule";
import { rule as probePorts } from "./probe-ports/rule";
import { rule as probes } from "./probes/rule";
import { rule as pullPolicy } from "./pull-policy/rule";
import { rule as rbacNoAdmin } from "./rbac-no-admin/rule";
import { rule as rbacNoSecrets } from "./rbac-no-secrets/rule";
import { rule as rbacNoWildcards } from "./rbac-no-wildcards/rule";
import { rule as readOnlyRoot } from "./read-only-root/rule";
import { rule as reasonOfDeath } from "./reason-of-death/rule";
import { rule as referencesExist } from "./references-exist/rule";
import { rule as replicasGuarded } from "./replicas-guarded/rule";
import { rule as resources } from "./resources/rule";
import { rule as rollingUpdate } from "./rolling-update/rule";
import { rule as runAsNonRoot } from "./run-as-non-root/rule";
import { rule as seccompProfile } from "./seccomp-profile/rule";
import { rule as secretsApart } from "./secrets-apart/rule";
import { rule as selectorsMatch } from "./selectors-match/rule";
import { rule as servicePorts } from "./service-ports/rule";
import { rule as servicesFindPods } from "./services-find-pods/rule";
import { rule as stableApis } from "./stable-apis/rule";
import { rule as unhealthyPodsEvictable } from "./unhealthy-pods-evictable/rule";
import { rule as uniqueNames } from "./unique-names/rule";
import { rule as uniqueVariables } from "./unique-variables/rule";
import { rule as volumeTypes } from "./volume-types/rule";

/** The Kubernetes blueprint. */
export const kubernetesRules: readonly Rule<Objects>[] = [
  backendInside,
  boundedJobs,
  capabilities,
  configByReference,
  disruptionBudgets,
  emptyDirsBounded,
  gracefulShutdown,
  hooksSelfSufficient,
  imageByContent,
  imageTags,
  labels,
  mountsMatch,
  namespaceRestricted,
  noDevOverlay,
  noHostAccess,
  noPrivilegeEscalation,
  noPrivilegedContainer,
  noSecretLiterals,
  noServiceLinks,
  noToken,
  oneNamespace,
  ownServiceAccount,
  patientLiveness,
  probePorts,
  probes,
  pullPolicy,
  rbacNoAdmin,
  rbacNoSecrets,
  rbacNoWildcards,
  readOnlyRoot,
  reasonOfDeath,
  referencesExist,
  replicasGuarded,
  resources,
  rollingUpdate,
  runAsNonRoot,
  seccompProfile,
  secretsApart,
  selectorsMatch,
  servicePorts,
  servicesFindPods,
  stableApis,
  unhealthyPodsEvictable,
  uniqueNames,
  uniqueVariables,
  volumeTypes,
];

import type { Found, Rule } from "../../rule";
import type { Objects, SecurityContext } from "../objects";

const SELINUX_TYPES = [
  ...["", "container_t", "container_init_t", "container_kvm_t"],
  "container_engine_t",
];
const APPARMOR_TYPES = ["RuntimeDefault", "Localhost"];
const SAFE_SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];

export const rule: Rule<Objects> = {
  id: "kubernetes/no-privileged-container",
  level: "mandatory",
  title: "No pod or container lifts the isolation from the node.",
  reason: "a privileged container, or one without its masks, owns the node and all that runs there",
  remedy: "remove privileged, procMount, and profiles, options and sysctls that widen rights",
  source: [
    "Pod Security Standards, baseline: Privileged Containers, HostProcess, AppArmor, SELinux, /proc Mount Type, Sysctls",
    "CIS Kubernetes 5.2.2",
    "kube-linter privileged-container, unsafe-proc-mount, unsafe-sysctls",
  ],
  *check({ pods, containers }) {
    for (const { object, path, spec } of pods)
      yield* widened(object, `${path}.securityContext`, spec.securityContext);
    for (const { object, path, container } of containers)
      yield* widened(object, `${path}.securityContext`, container.securityContext);
  },
};

function* widened(
  object: string,
  path: string,
  context: SecurityContext | undefined,
): Iterable<Found> {
  const found = (field: string, problem: string): Found => ({
    object,
    field: `${path}.${field}`,
    problem,
  });
  if (context?.privileged === true) yield found("privileged", "is true");
  const { procMount, appArmorProfile, seLinuxOptions } = context ?? {};
  if (procMount !== undefined && procMount !== "Default")
    yield found("procMount", `is ${procMount}`);
  if (appArmorProfile?.type !== undefined && !APPARMOR_TYPES.includes(appArmorProfile.type))
    yield found("appArmorProfile.type", `is ${appArmorProfile.type}`);
  if (!SELINUX_TYPES.includes(seLinuxOptions?.type ?? ""))
    yield found("seLinuxOptions.type", `is ${seLinuxOptions?.type}`);
  if (seLinuxOptions?.user || seLinuxOptions?.role)
    yield found("seLinuxOptions", "sets a user or a role");
  if (context?.windowsOptions?.hostProcess === true)
    yield found("windowsOptions.hostProcess", "is true");
  for (const { name = "" } of context?.sysctls ?? [])
    if (!SAFE_SYSCTLS.includes(name)) yield found(`sysctls[${name}]`, "isn't a safe one");
}

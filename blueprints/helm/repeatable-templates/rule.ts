import type { Rule } from "../../rule";
import type { Chart } from "../chart";

/** Functions whose result differs from call to call, or depends on what the cluster has. */
const FICKLE =
  /\b(rand(AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|uuidv4|now|gen(CA|SelfSignedCert|SignedCert|PrivateKey)|lookup|getHostByName|shuffle|htpasswd|bcrypt|encryptAES)\b/;

export const rule: Rule<Chart> = {
  id: "helm/repeatable-templates",
  level: "mandatory",
  title: "Templates give the same objects for the same values, each time.",
  reason:
    "each upgrade would change a password or roll the pods, and no preview could tell what will come",
  remedy: "take the value from outside: a Secret that something else owns, or a value",
  source: ["FR-046", "FR-047", "Argo CD documentation: random data"],
  *check({ templates }) {
    for (const [object, text] of Object.entries(templates))
      for (const match of text.matchAll(/\{\{-?\s*(?!\/\*)((?:"[^"]*"|`[^`]*`|[^}"`])*)\}\}/g)) {
        const code = (match[1] ?? "").replace(/"[^"]*"/g, '""');
        const fickle = FICKLE.exec(code)?.[0];
        const line = text.slice(0, match.index).split("\n").length;
        if (fickle) yield { object, field: `line ${line}`, problem: `calls ${fickle}` };
      }
  },
};

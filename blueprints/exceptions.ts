import { type Finding, isMandatory } from "./rule";

/** A finding that is accepted for a while. */
export interface Exception {
  /** Id of the rule, such as "kubernetes/resources". */
  rule: string;
  /** The object, such as "Deployment/todo-app-backend"; unset for every object. */
  object?: string;
  /** Why it is accepted. */
  reason: string;
  /** Last day on which it holds, YYYY-MM-DD. */
  until: string;
}

/** What is known of an input once the exceptions are taken into account. */
export interface Verdict {
  /** Stops a release. */
  mandatory: Finding[];
  /** Is only shown. */
  advisory: Finding[];
  /** Is accepted, each with the exception that accepts it. */
  accepted: { finding: Finding; exception: Exception }[];
  /** Exceptions that accept nothing: of a rule or object that isn't there, or no longer needed. */
  unused: Exception[];
  /** Exceptions that ended, with findings they would still accept. */
  expired: Exception[];
}

/**
 * Takes accepted findings out.
 * @param today the day, YYYY-MM-DD: an exception holds until the end of its own
 */
export function judge(
  findings: readonly Finding[],
  exceptions: readonly Exception[] = [],
  today: string = utcDay(),
): Verdict {
  const verdict: Verdict = { mandatory: [], advisory: [], accepted: [], unused: [], expired: [] };
  const used = new Set<Exception>();
  for (const finding of findings) {
    const fitting = exceptions.filter((exception) => fits(exception, finding));
    for (const exception of fitting) used.add(exception);
    const valid = fitting.find(({ until }) => today <= until);
    if (valid) verdict.accepted.push({ finding, exception: valid });
    else (isMandatory(finding) ? verdict.mandatory : verdict.advisory).push(finding);
    if (!valid) verdict.expired.push(...fitting.filter((each) => !verdict.expired.includes(each)));
  }
  verdict.unused = exceptions.filter((exception) => !used.has(exception));
  return verdict;
}

/** A moment's day, YYYY-MM-DD, in UTC: the same for everyone who deploys. */
export function utcDay(moment = new Date()): string {
  return moment.toISOString().slice(0, 10);
}

/** What is wrong with the entries of a list of exceptions; none where they can be used. */
export function exceptionMistakes(value: unknown): string[] {
  if (!Array.isArray(value)) return ["must be a list of exceptions"];
  return value.flatMap((entry: unknown, index) =>
    entryMistakes(entry).map((problem) => `has in its entry ${index + 1} ${problem}`),
  );
}

const FIELDS = ["rule", "object", "reason", "until"];

function entryMistakes(entry: unknown): string[] {
  if (typeof entry !== "object" || entry === null) return ["no rule, reason and until"];
  const fields = entry as Record<string, unknown>;
  const mistakes = Object.keys(fields)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `an unknown part "${name}"`);
  if (typeof fields.rule !== "string" || !/^(docker|kubernetes|helm)\/[a-z-]+$/.test(fields.rule))
    mistakes.push('no rule such as "kubernetes/resources"');
  if (fields.object !== undefined && typeof fields.object !== "string")
    mistakes.push("an object that is no text");
  if (typeof fields.reason !== "string" || fields.reason.trim().length < MIN_REASON)
    mistakes.push(`no reason of at least ${MIN_REASON} characters`);
  if (typeof fields.until !== "string" || !isDay(fields.until))
    mistakes.push("no until that is a day, YYYY-MM-DD");
  return mistakes;
}

/** Shorter ones say nothing. */
const MIN_REASON = 10;

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && utcDay(new Date(time)) === text;
}

function fits({ rule, object }: Exception, finding: Finding): boolean {
  return rule === finding.rule.id && (object === undefined || object === finding.object);
}

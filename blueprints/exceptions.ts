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

/** Reads a list of exceptions as it was configured, with what is wrong in it. */
export function readExceptions(value: unknown): { exceptions: Exception[]; mistakes: string[] } {
  if (!Array.isArray(value))
    return { exceptions: [], mistakes: ["must be a list of {rule, object, reason, until}"] };
  const entries = value.map(readException);
  return {
    exceptions: entries.flatMap(({ exception }) => exception ?? []),
    mistakes: entries.flatMap(({ mistakes }, index) =>
      mistakes.map((mistake) => `has in its entry ${index + 1} ${mistake}`),
    ),
  };
}

const FIELDS = ["rule", "object", "reason", "until"];

function readException(entry: unknown): { exception?: Exception; mistakes: string[] } {
  if (typeof entry !== "object" || entry === null)
    return { mistakes: ["no rule, reason and until"] };
  const { rule, object, reason, until } = entry as Record<string, unknown>;
  const mistakes = Object.keys(entry)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `an unknown part "${name}"`);
  const day = readDay(until);
  if (typeof rule !== "string" || !/^(docker|kubernetes|helm)\/[a-z-]+$/.test(rule))
    mistakes.push('no rule such as "kubernetes/resources"');
  if (object !== undefined && typeof object !== "string")
    mistakes.push("an object that is no text");
  if (typeof reason !== "string" || reason.trim().length < MIN_REASON)
    mistakes.push(`no reason of at least ${MIN_REASON} characters`);
  if (day === undefined) mistakes.push("no until that is a day, YYYY-MM-DD");
  if (mistakes.length > 0 || day === undefined) return { mistakes };
  const exception = { rule: String(rule), reason: String(reason), until: day };
  return {
    exception: object === undefined ? exception : { ...exception, object: String(object) },
    mistakes,
  };
}

/** Shorter ones say nothing. */
const MIN_REASON = 10;

/** A day as people write it; YAML makes a moment of one without quotes. */
function readDay(value: unknown): string | undefined {
  const [, day] = /^(\d{4}-\d{2}-\d{2})([T ]00:00:00(?!\d).*)?$/.exec(String(value)) ?? [];
  const time = Date.parse(day ?? "");
  return day !== undefined && !Number.isNaN(time) && utcDay(new Date(time)) === day
    ? day
    : undefined;
}

function fits({ rule, object }: Exception, finding: Finding): boolean {
  return rule === finding.rule.id && (object === undefined || object === finding.object);
}

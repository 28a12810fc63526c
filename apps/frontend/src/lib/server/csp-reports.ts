import { z } from "zod";
import { readLimited } from "./limited-body";
import { log } from "./log";
import { type Problem, problemResponse } from "./problem";
import { requestId } from "./request-id";
import { CSP_REPORT_PATH } from "./security-headers";

/** Largest body that is taken, in bytes; a report repeats the policy, and browsers send several at once. */
export const MAX_REPORT_BYTES = 32 * 1024;

/** Violations that are told in a minute. What a browser does wrong once it does on every page. */
export const REPORT_LIMITS = { perMinute: 60, perMinuteAndAddress: 20 } as const;

/** Characters of each word of a report that are kept. */
const LONGEST = 200;

const text = z.string().transform((value) => value.slice(0, LONGEST));

/** As `report-uri` has it. */
const oldReport = z.object({
  "csp-report": z.object({
    "document-uri": text,
    "effective-directive": text.optional(),
    "violated-directive": text.optional(),
    "blocked-uri": text.optional(),
    "source-file": text.nullish(),
    "line-number": z.int().nullish(),
    disposition: text.optional(),
  }),
});

/** As the Reporting API has it, for `report-to`. */
const reports = z.array(
  z.object({
    type: z.string(),
    body: z.looseObject({}).nullish(),
  }),
);

const violation = z.object({
  documentURL: text,
  effectiveDirective: text,
  blockedURL: text.nullish(),
  sourceFile: text.nullish(),
  lineNumber: z.int().nullish(),
  disposition: text.optional(),
});

/** What is logged of a violation. */
interface Violation {
  document: string;
  directive: string;
  blocked: string;
  source: string;
  line: number | null;
  disposition: string;
}

/** How many violations are told: so many in a minute, and not all of them from one address. */
export class ReportLimit {
  private endsAt = 0;
  private told = 0;
  private dropped = 0;
  private readonly byAddress = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Counts one. Tells how many were dropped before it, or null where it is to be dropped as well. */
  take(address: string): number | null {
    if (this.now() >= this.endsAt) {
      this.endsAt = this.now() + 60_000;
      this.told = 0;
      this.byAddress.clear();
    }
    const count = this.byAddress.get(address) ?? 0;
    if (this.told >= REPORT_LIMITS.perMinute || count >= REPORT_LIMITS.perMinuteAndAddress) {
      this.dropped += 1;
      return null;
    }
    this.told += 1;
    this.byAddress.set(address, count + 1);
    const { dropped } = this;
    this.dropped = 0;
    return dropped;
  }
}

/**
 * Takes what a browser reports of scripts, styles or frames that the pages' policy has kept out: a line
 * in the log each. Anybody may send anything here, so little is read, kept and written.
 */
export async function answerCspReport(
  request: Request,
  { limit, address }: { limit: ReportLimit; address: string },
): Promise<Response> {
  const id = requestId(request.headers);
  const refuse = (problem: Problem): Response =>
    problemResponse(problem, { instance: CSP_REPORT_PATH, requestId: id });
  const body = await readLimited(request, MAX_REPORT_BYTES).catch(() => "");
  if (body === null) {
    const detail = `A report may have ${MAX_REPORT_BYTES} bytes.`;
    return refuse({ status: 413, slug: "content-too-large", detail });
  }
  const violations = read(body);
  if (!violations) {
    return refuse({ status: 400, slug: "bad-request", detail: "This is no report of a browser." });
  }
  let refused = false;
  for (const one of violations.filter(isOurs)) {
    const dropped = limit.take(address);
    if (dropped === null) refused = true;
    else log("warning", "csp.violation", { request_id: id, ...one, dropped_before: dropped });
  }
  if (refused) {
    const detail = "Too many reports. Send no more for a minute.";
    const headers = { "retry-after": "60" };
    return refuse({ status: 429, slug: "rate-limited", detail, headers });
  }
  return new Response(null, { status: 204, headers: { "x-request-id": id } });
}

/** The violations of a body; null where it is none that a browser sends. */
function read(body: string): Violation[] | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const old = oldReport.safeParse(json);
  if (old.success) {
    const report = old.data["csp-report"];
    return [
      {
        document: withoutQuery(report["document-uri"]),
        directive: report["effective-directive"] ?? report["violated-directive"] ?? "",
        blocked: withoutQuery(report["blocked-uri"]),
        source: withoutQuery(report["source-file"]),
        line: report["line-number"] ?? null,
        disposition: report.disposition ?? "enforce",
      },
    ];
  }
  const several = reports.safeParse(json);
  if (!several.success) return null;
  // Browsers report other things to the same address, such as what will be removed from them.
  const ours = several.data.filter(({ type }) => type === "csp-violation");
  const parsed = ours.map(({ body }) => violation.safeParse(body));
  if (parsed.some(({ success }) => !success)) return null;
  return parsed.flatMap(({ data }) =>
    data === undefined
      ? []
      : {
          document: withoutQuery(data.documentURL),
          directive: data.effectiveDirective,
          blocked: withoutQuery(data.blockedURL),
          source: withoutQuery(data.sourceFile),
          line: data.lineNumber ?? null,
          disposition: data.disposition ?? "enforce",
        },
  );
}

/** An address without what may hold a secret; words such as `inline` stay. */
function withoutQuery(url: string | null | undefined): string {
  return (url ?? "").replace(/[?#].*$/s, "");
}

/** Whether the pages have to do with it: what a person's own extensions do is kept out on purpose. */
function isOurs({ blocked, source }: Violation): boolean {
  return ![blocked, source].some((url) => /^[a-z-]+-extension\b/.test(url));
}

import { XMLBuilder } from "fast-xml-parser";
import { isFailed, type TestResult } from "./results";

/** The rows that no test runner has reported, as JUnit's XML: those of the run itself. */
export function toJUnit(results: readonly TestResult[]): string {
  const own = results.filter(({ file }) => file === undefined);
  const testcase = own.map(({ part, title, passed, skipped, seconds, reason = "" }) => ({
    ...{ "@classname": part, "@name": title, "@time": seconds },
    ...(skipped && { skipped: { "@message": reason } }),
    ...(!passed && !skipped && { failure: { "@message": reason } }),
  }));
  const failures = own.filter(isFailed).length;
  const counts = { "@name": "npm test", "@tests": own.length, "@failures": failures };
  const builder = new XMLBuilder({
    ...{ ignoreAttributes: false, attributeNamePrefix: "@", format: true },
    suppressEmptyNode: true,
  });
  const document = { testsuites: { ...counts, testsuite: { ...counts, testcase } } };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document)}`;
}

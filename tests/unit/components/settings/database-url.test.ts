import { databaseUrlProblem } from "../../../../components/settings/database-url";

const BASE = "postgresql://ann:s3cr3t@db.example.com:5432/todo";

describe("a database's URL is understood by both services", () => {
  test.each([
    "",
    "?sslmode=disable",
    "?sslmode=prefer",
    "?sslmode=require",
    "?sslmode=verify-ca",
    "?sslmode=verify-full",
    "?sslmode=verify-full&sslrootcert=system",
    "?sslrootcert=system",
    "?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt",
    "?sslmode=require&channel_binding=require", // as Neon gives it
    "?options=endpoint%3Dep-cool-rain-123456", // Neon's, for clients without SNI
    "?pgbouncer=true&connection_limit=1", // Supabase's, for Prisma
    "?sslmode=require&uselibpqcompat=true",
    "?application_name=todo&connect_timeout=10",
  ])("with %j", (query) => {
    expect(databaseUrlProblem(`${BASE}${query}`)).toBeUndefined();
  });

  test.each(["postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d", "postgres://u:p@[::1]:5432/d"])(
    "as %s",
    (url) => {
      expect(databaseUrlProblem(url)).toBeUndefined();
    },
  );
});

describe("what one of them wouldn't understand is named before anything is deployed", () => {
  test.each([
    ["?schema=public", /doesn't know: schema \(say options=-csearch_path%3DNAME\)/],
    ["?ssl=true", /doesn't know: ssl \(say sslmode=require, or sslmode=verify-full\)/],
    ["?foo=1&bar=2&sslmode=require", /doesn't know: foo, bar$/],
    ["?p%40ss/word=x", /doesn't know: one with an odd name$/],
    ["?sslmode=no-verify", /sslmode that is none of disable, .*no-verify is require/],
    ["?sslmode=full", /sslmode that is none of/],
    ["?sslmode=require&sslrootcert=system", /goes with sslmode=verify-full only/],
    [
      "?sslmode=verify-full&sslrootcert=/home/ann/ca.pem",
      /no pod has \(sslrootcert\).*caCertificates/,
    ],
    ["?sslcert=a&sslkey=b", /no pod has \(sslcert, sslkey\)/],
    ["?passfile=/home/ann/.pgpass&service=todo", /no pod has \(passfile, service\)/],
    ["?sslcrldir=/crl&sslkeylogfile=/keys", /no pod has \(sslcrldir, sslkeylogfile\)/],
    ["?host=h1%2Ch2", /names several hosts/],
  ])("%s", (query, problem) => {
    expect(databaseUrlProblem(`${BASE}${query}`)).toMatch(problem);
  });

  test.each(["postgresql://u:p@h1,h2/d", "postgresql://u:p@h1:5432,h2:5432/d"])(
    "several hosts, %s",
    (url) => {
      expect(databaseUrlProblem(url)).toMatch(/names several hosts/);
    },
  );

  test("but a comma in a password", () => {
    expect(databaseUrlProblem("postgresql://u:p,q@h:5432/d")).toBeUndefined();
  });

  test.each(["mysql://u:p@h/d", "postgresql://h", "postgresql://u:p@h/"])(
    "the form of %s",
    (url) => {
      expect(databaseUrlProblem(url)).toMatch(/must look like/);
    },
  );

  test("and never the URL", () => {
    for (const query of ["?schema=x", "?sslmode=s3cr3t", "?sslrootcert=/s3cr3t", "?s3cr3t=1;"])
      expect(
        databaseUrlProblem(`${BASE}${query}`)?.replace("doesn't know: s3cr3t", ""),
      ).not.toMatch(/s3cr3t|ann|db\.example/);
  });
});

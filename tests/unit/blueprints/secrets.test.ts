import { isSecretName, masked, secretIn } from "../../../blueprints/secrets";

test.each([
  ["-----BEGIN EC PRIVATE KEY-----", "a private key"],
  ["postgresql://todo:hunter22@db/todo", "a URL with a password"],
  ["sk-0123456789abcdef", "an API key"],
  ["ghp_0123456789abcdef", "an access token"],
  ["glpat-0123456789abcdef", "an access token"],
  ["AKIAABCDEFGHIJKLMNOP", "an AWS access key"],
  ["eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "a signed token"],
])("%s is %s, and is never shown", (text, kind) => {
  expect(secretIn(`a ${text} b`)).toBe(kind);
  expect(masked(`a ${text} b ${text}`)).toMatch(new RegExp(`^a \\(${kind}\\).* b \\(${kind}\\)`));
  expect(masked(text)).not.toContain(text);
});

test.each(["postgresql://db/todo", "https://host:8080/x@y", "sk-short", "AKIA1", "plain words"])(
  "%s is no secret",
  (text) => {
    expect(secretIn(text)).toBeUndefined();
    expect(masked(text)).toBe(text);
  },
);

test.each([
  ...["PASSWORD", "jwtSecret", "openai-api-key", "DATABASE_URL", "access.key", "TOKENS"],
  ...["PGPASSWORD", "MYSQL_PWD", "DB_PASS", "secretkey", "ENCRYPTION_KEY", "cookieKey"],
])("%s names a secret", (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  "PASSWORD_FILE",
  "secretName",
  "MAX_TOKENS",
  "publicApiKey",
  "tokenTtl",
  "keyboard",
  "SECRETARY",
  ...["PWD", "OLDPWD", "BYPASS", "PROXY_PASS", "DOMAIN_KEY", "PASSWORDLESS"],
])("%s names none", (name) => {
  expect(isSecretName(name)).toBe(false);
});

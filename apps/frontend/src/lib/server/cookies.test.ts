import { describe, expect, it } from "vitest";
import { cookieNames, readCookie, withAdoptedSession } from "./cookies";

const names = cookieNames("http://localhost:30000");

describe("cookieNames", () => {
  it("differ between two sites on one host, and stay the same for one", () => {
    const other = cookieNames("http://localhost:30010");
    expect(new Set([...Object.values(names), ...Object.values(other)]).size).toBe(7);
    expect(cookieNames("http://localhost:30000/")).toEqual(names);
  });

  it("are for https only where the site is", () => {
    expect(cookieNames("https://todo.example")).toMatchObject({
      session: expect.stringMatching(/^__Secure-todo-[0-9a-f]{8}\.better-auth\.session_token$/),
      device: expect.stringMatching(/^__Secure-todo-[0-9a-f]{8}\.better-auth\.device$/),
      sharedSession: "__Secure-better-auth.session_token",
    });
  });
});

describe("readCookie", () => {
  it("takes the whole name and the whole value", () => {
    const headers = new Headers({ cookie: "xa=1; a=b=c ; ab=2" });
    expect(readCookie(headers, "a")).toBe("b=c");
    expect(readCookie(headers, "b")).toBeUndefined();
    expect(readCookie(new Headers(), "a")).toBeUndefined();
  });
});

describe("withAdoptedSession", () => {
  const adopt = (cookie: string) => withAdoptedSession(new Headers({ cookie }), names);

  it("takes over a session from when all sites shared the name", () => {
    expect(readCookie(adopt("better-auth.session_token=t.s; theme=dark"), names.session)).toBe(
      "t.s",
    );
  });

  it("prefers this site's own", () => {
    const headers = adopt(`${names.session}=own; better-auth.session_token=old`);
    expect(readCookie(headers, names.session)).toBe("own");
  });

  it("changes nothing where there is none", () => {
    expect(adopt("theme=dark").get("cookie")).toBe("theme=dark");
  });
});

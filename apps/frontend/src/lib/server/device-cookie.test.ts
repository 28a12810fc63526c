import { describe, expect, it } from "vitest";
import { cookieNames } from "./cookies";
import { DeviceCookies } from "./device-cookie";

const names = cookieNames("http://localhost:30000");
const devices = new DeviceCookies(names, "a secret");
const bring = (line: string) => new Headers({ cookie: line.split(";")[0] ?? "" });

describe("DeviceCookies", () => {
  it("know a browser for the account that it was used with, and for no other", () => {
    const headers = bring(devices.issue("ada@example.com"));
    expect(devices.known(headers, "ada@example.com")).toMatch(/^[\w-]{22}$/);
    expect(devices.known(headers, "grace@example.com")).toBeUndefined();
  });

  it("tell two browsers apart", () => {
    const [first, second] = [1, 2].map(() =>
      devices.known(bring(devices.issue("ada@example.com")), "ada@example.com"),
    );
    expect(first).not.toBe(second);
  });

  it.each([
    ["nothing", ""],
    ["no signature", `${names.device}=abc`],
    ["no id", `${names.device}=.abc`],
    [
      "another site's",
      new DeviceCookies(names, "another secret").issue("ada@example.com").split(";")[0],
    ],
  ])("aren't fooled by %s", (_name, cookie = "") => {
    expect(devices.known(new Headers({ cookie }), "ada@example.com")).toBeUndefined();
  });

  it("are out of reach of scripts, and of http where the site has https", () => {
    expect(devices.issue("a@b.c")).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=31536000$/);
    const secure = new DeviceCookies(cookieNames("https://todo.example"), "a secret");
    expect(secure.issue("a@b.c")).toMatch(/^__Secure-.*; Secure$/);
  });
});

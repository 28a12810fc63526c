import { expect, it } from "vitest";
import manifest from "./manifest";

it("lets a phone keep the site like an app, with an icon for each kind of phone", () => {
  const { name, start_url, display, icons } = manifest();
  expect([name, start_url, display]).toEqual(["Todo AI Chatbot", "/chat", "standalone"]);
  expect(icons?.map(({ src }) => src)).toEqual(["/icon.svg", "/apple-icon.png"]);
});

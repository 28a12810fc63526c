import { parseTheme, THEME_COOKIE, type Theme } from "../theme";
import { readCookie } from "./cookies";

/** The theme that a request's cookie asks for. */
export function themeOf(headers: Headers): Theme {
  return parseTheme(readCookie(headers, THEME_COOKIE));
}

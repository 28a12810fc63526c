import type { MetadataRoute } from "next";
import { HOME_PATH } from "@/lib/redirects";
import { SITE_DESCRIPTION, SITE_NAME, THEME_COLOR } from "@/lib/site";

/** What a phone needs to keep the site like an app. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: SITE_NAME,
    short_name: "Todo",
    description: SITE_DESCRIPTION,
    start_url: HOME_PATH,
    display: "standalone",
    background_color: THEME_COLOR.light,
    theme_color: THEME_COLOR.light,
    icons: [
      { src: "/icon.svg", type: "image/svg+xml", sizes: "any" },
      { src: "/apple-icon.png", type: "image/png", sizes: "180x180" },
    ],
  };
}

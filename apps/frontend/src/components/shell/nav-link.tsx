"use client";

import type { ComponentProps, MouseEvent } from "react";
import { goTo } from "@/lib/navigation";

/**
 * A link to another view of the signed-in pages. All views are in the page already, so a plain click asks
 * the server for nothing; a new tab and the like work as with every link.
 */
export function NavLink({ href, onClick, ...rest }: ComponentProps<"a"> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (event.defaultPrevented || !plain || event.altKey) return;
    event.preventDefault();
    goTo(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}

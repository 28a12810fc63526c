import type { ComponentProps } from "react";

const BASE =
  "inline-flex items-center justify-center gap-2 rounded-xl font-medium transition-colors " +
  "disabled:cursor-not-allowed disabled:opacity-55 " +
  "aria-disabled:cursor-not-allowed aria-disabled:opacity-55";

// A border that isn't seen is drawn where the system chooses the colours.
const VARIANTS = {
  primary: "border border-transparent bg-accent text-on-accent enabled:hover:bg-accent-strong",
  secondary: "border border-line bg-surface text-ink enabled:hover:bg-raised",
  ghost: "text-ink-muted enabled:hover:bg-raised enabled:hover:text-ink",
  danger: "border border-transparent bg-danger-soft text-danger enabled:hover:underline",
} as const;

const SIZES = {
  md: "min-h-11 px-4",
  sm: "min-h-9 px-3 text-sm pointer-coarse:min-h-11",
  icon: "size-9 shrink-0 pointer-coarse:size-11",
  /** In a line of text. Fingers get more room than is seen. */
  tiny: "relative size-7 shrink-0 rounded-lg pointer-coarse:size-9 pointer-coarse:after:absolute pointer-coarse:after:-inset-1",
} as const;

export interface ButtonStyle {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
}

/** Class names of a button, for elements that aren't `button` but look like one. */
export function buttonStyle({ variant = "primary", size = "md" }: ButtonStyle = {}): string {
  return `${BASE} ${VARIANTS[variant]} ${SIZES[size]}`;
}

/** A button; it submits nothing unless told to. */
export function Button({
  variant,
  size,
  className = "",
  type = "button",
  ...rest
}: ComponentProps<"button"> & ButtonStyle) {
  return (
    <button
      type={type}
      className={`${buttonStyle({ ...(variant ? { variant } : {}), ...(size ? { size } : {}) })} ${className}`}
      {...rest}
    />
  );
}

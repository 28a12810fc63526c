import type { ComponentProps, ReactNode } from "react";

/** Class names of text inputs and selects. */
export const inputStyle =
  "w-full min-w-0 min-h-11 text-base rounded-xl border border-line-strong bg-surface px-3.5 text-ink " +
  "aria-invalid:border-danger";

/** A labelled input with an optional hint. */
export function Field({
  label,
  hint,
  id,
  ...rest
}: ComponentProps<"input"> & { label: string; hint?: ReactNode; id: string }) {
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        className={inputStyle}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      />
      {hint ? (
        <p id={`${id}-hint`} className="text-sm text-ink-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** Says how much room is left in a field, once that is little: browsers cut off what is pasted beyond it. */
export function RoomLeft({ length, most }: { length: number; most: number }) {
  const left = most - length;
  return (
    <p aria-live="polite" data-testid="room-left" className="text-xs text-ink-muted empty:hidden">
      {left <= most / 10 ? `${left} characters left` : null}
    </p>
  );
}

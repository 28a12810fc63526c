import type { ComponentProps } from "react";
import type { AuthFailure } from "@/lib/auth-errors";

/** A labelled input of a plain form. */
export function FormField({
  label,
  hint,
  id,
  failure,
  field,
  ...rest
}: ComponentProps<"input"> & {
  label: string;
  hint?: string;
  id: string;
  /** Why the form was refused, if it was. */
  failure: AuthFailure | null;
  /** What the failure calls this field. */
  field?: AuthFailure["field"];
}) {
  const wrong = field !== undefined && failure?.field === field;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        required
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...(wrong && {
          "aria-invalid": true,
          "aria-errormessage": "form-error",
          autoFocus: true,
        })}
        {...rest}
      />
      {hint ? (
        <p id={`${id}-hint`} className="quiet">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** A password, which scripts let one look at. */
export function PasswordField({ id, label, ...rest }: ComponentProps<typeof FormField>) {
  return (
    <div className="password">
      <FormField id={id} label={label} type="password" field="password" {...rest} />
      <button type="button" hidden data-shows="" aria-controls={id}>
        Show <span className="sr-only">{label.toLowerCase()}</span>
      </button>
    </div>
  );
}

/** Why a form was refused. */
export function FormError({ failure }: { failure: AuthFailure | null }) {
  if (!failure) return null;
  return (
    <p id="form-error" role="alert" data-testid="form-error" className="notice danger">
      {failure.message}
    </p>
  );
}

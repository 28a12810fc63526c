import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { FormError, FormField, PasswordField } from "../auth/fields";
import { Button } from "./button";
import { Field, RoomLeft } from "./field";

it("a field is labelled, and described by its hint", () => {
  const html = renderToStaticMarkup(<Field id="name" label="Name" hint="As others see it" />);
  expect(html).toMatch(/<label for="name"[^>]*>Name<\/label>/);
  expect(html).toMatch(/<input id="name"[^>]* aria-describedby="name-hint"/);
  expect(html).toMatch(/<p id="name-hint"[^>]*>As others see it<\/p>/);
});

it("a field without a hint points at none", () => {
  const html = renderToStaticMarkup(<Field id="name" label="Name" />);
  expect(html).not.toContain("hint");
});

it("tells how much room is left, once that is a tenth", () => {
  const told = (length: number) => renderToStaticMarkup(<RoomLeft length={length} most={200} />);
  expect(told(179)).toMatch(/><\/p>$/);
  expect(told(180)).toContain(">20 characters left</p>");
  expect(told(200)).toContain(">0 characters left</p>");
});

it("a button submits nothing unless told to", () => {
  expect(renderToStaticMarkup(<Button>Go</Button>)).toContain('type="button"');
  expect(renderToStaticMarkup(<Button type="submit">Go</Button>)).toContain('type="submit"');
});

it("a button looks as it is asked to", () => {
  const plain = renderToStaticMarkup(<Button>Go</Button>);
  expect(plain).toContain("bg-accent");
  expect(plain).toContain("min-h-11");
  const other = renderToStaticMarkup(
    <Button variant="danger" size="icon" className="own">
      Go
    </Button>,
  );
  for (const name of ["bg-danger-soft", "size-9", "own"]) expect(other).toContain(name);
  expect(other).not.toContain("bg-accent ");
});

const REFUSED = { message: "That password is too short.", field: "password" as const };

it("a form's refusal is read out, and names the field that is wrong", () => {
  const html = renderToStaticMarkup(
    <form>
      <FormError failure={REFUSED} />
      <FormField id="email" label="Email" field="email" failure={REFUSED} hint="Yours" />
      <PasswordField id="password" label="New Password" failure={REFUSED} />
    </form>,
  );
  expect(html).toMatch(/<p id="form-error" role="alert"[^>]*>That password is too short\.<\/p>/);
  const [email = "", password = ""] = html.match(/<input[^>]*>/g) ?? [];
  expect(email).toMatch(/required.*aria-describedby="email-hint"/);
  expect(email).not.toContain("aria-invalid");
  expect(password).toMatch(/aria-invalid="true" aria-errormessage="form-error" autofocus/i);
  expect(password).toContain('type="password"');
  expect(password).not.toContain("aria-describedby");
  // Without scripts nothing could show it: the button waits for them.
  expect(html).toMatch(/<button type="button" hidden="" data-shows="" aria-controls="password">/);
  expect(html).toContain("new password");
});

it("a form that wasn't refused says nothing", () => {
  expect(renderToStaticMarkup(<FormError failure={null} />)).toBe("");
  const html = renderToStaticMarkup(<FormField id="a" label="A" failure={REFUSED} />);
  expect(html).not.toContain("aria-invalid");
});

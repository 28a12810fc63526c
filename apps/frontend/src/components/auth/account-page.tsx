import type { ReactNode } from "react";
import { ACCOUNT_LIMITS } from "@/lib/account-limits";
import type { AccountAction, AccountView } from "@/lib/auth-forms";
import { HOME_PATH } from "@/lib/redirects";
import { FormError, PasswordField } from "./fields";
import { type DocumentProps, FormDocument } from "./form-document";

/** What one can do with one's account. Each form is sent to the page's own address. */
export function AccountPage({ view, ...document }: DocumentProps & { view: AccountView }) {
  const { user, done, failure } = view;
  const { password } = ACCOUNT_LIMITS;
  const failureOf = (action: AccountAction) => (failure?.action === action ? failure : null);
  return (
    <FormDocument title={`${failure ? "Error: " : ""}Account`} {...document}>
      <main className="column">
        <nav aria-label="Back">
          <a href={HOME_PATH}>Back to the chat</a>
        </nav>
        <h1>Account</h1>
        {failure && failure.action === null ? <FormError failure={failure} /> : null}
        <section className="card">
          <dl>
            <dt>Name</dt>
            <dd dir="auto">{user.name}</dd>
            <dt>Email</dt>
            <dd data-testid="account-email">{user.email}</dd>
          </dl>
        </section>

        <ActionCard
          title="Change your password"
          action="change-password"
          user={user}
          submit={{ label: "Change password", busy: "Changing…" }}
          text="You stay signed in here, and are signed out on all other devices."
        >
          {done === "change-password" ? (
            <p role="status" data-testid="password-changed" className="notice done">
              Your password is changed.
            </p>
          ) : null}
          <Username of={user} />
          <PasswordField
            id="current-password"
            name="password"
            label="Current password"
            autoComplete="current-password"
            data-testid="current-password"
            failure={failureOf("change-password")}
          />
          <PasswordField
            id="new-password"
            name="newPassword"
            label="New password"
            autoComplete="new-password"
            minLength={password.min}
            maxLength={password.max}
            hint={`At least ${password.min} characters.`}
            data-testid="new-password"
            failure={failureOf("change-password")}
            field="newPassword"
          />
          <FormError failure={failureOf("change-password")} />
        </ActionCard>

        <ActionCard
          title="Sign out everywhere"
          action="sign-out-everywhere"
          user={user}
          submit={{ label: "Sign out everywhere", busy: "Signing out…" }}
          text="Ends your sessions in all browsers, this one too. Use it when a device is lost."
        >
          <Unsent user={user}>
            Changes that you have made in this browser aren’t sent yet. They stay here, and go out
            when you sign in again.
          </Unsent>
          <FormError failure={failureOf("sign-out-everywhere")} />
        </ActionCard>

        <ActionCard
          title="Delete your account"
          action="delete-account"
          user={user}
          submit={{ label: "Delete my account", busy: "Deleting…" }}
          danger
          text="Deletes your account, all your tasks and all your conversations, for good. There is no way back."
        >
          <Unsent user={user}>
            Changes that you have made in this browser aren’t sent yet. They are deleted, too.
          </Unsent>
          <Username of={user} />
          <PasswordField
            id="delete-password"
            name="password"
            label="Password"
            autoComplete="current-password"
            data-testid="delete-password"
            failure={failureOf("delete-account")}
          />
          <FormError failure={failureOf("delete-account")} />
        </ActionCard>
      </main>
    </FormDocument>
  );
}

/** Stands in where nobody can tell whose account it is. */
export function AccountAwayPage(document: DocumentProps) {
  return (
    <FormDocument title="Error: Account" {...document}>
      <main className="column">
        <nav aria-label="Back">
          <a href={HOME_PATH}>Back to the chat</a>
        </nav>
        <h1>Account</h1>
        <FormError
          failure={{
            message:
              "Your account can't be shown right now. Nothing was changed. Please try again in a moment.",
          }}
        />
      </main>
    </FormDocument>
  );
}

/** Tells password managers whose password it is: they look for a text field, seen or not. */
function Username({ of: user }: { of: AccountView["user"] }) {
  return (
    <input
      type="text"
      name="username"
      autoComplete="username"
      defaultValue={user.email}
      readOnly
      hidden
    />
  );
}

/** Warns of what waits in the browser; the script shows it where there is something. */
function Unsent({ user, children }: { user: AccountView["user"]; children: ReactNode }) {
  return (
    <p hidden data-unsent={user.id} className="notice warning">
      {children}
    </p>
  );
}

function ActionCard({
  title,
  action,
  user,
  text,
  submit,
  danger = false,
  children,
}: {
  title: string;
  action: AccountAction;
  user: AccountView["user"];
  text: string;
  submit: { label: string; busy: string };
  danger?: boolean;
  children: ReactNode;
}) {
  return (
    <section className="card" aria-labelledby={action}>
      <h2 id={action}>{title}</h2>
      <p className="quiet">{text}</p>
      <form method="post">
        <input type="hidden" name="action" value={action} />
        <input type="hidden" name="user" value={user.id} />
        {children}
        <button
          type="submit"
          className={danger ? "danger" : "secondary"}
          data-busy={submit.busy}
          data-testid={action}
        >
          {submit.label}
        </button>
      </form>
    </section>
  );
}

import { Eye, EyeOff } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { UimError } from "../../../sdk/index.ts";
import { chooseLanguage } from "../data/preferences.ts";
import type { SessionEnd, WebSession } from "../session/session.ts";
import { navigate, useRoute } from "../shell/navigation.tsx";
import { errorText, useLanguage, useText } from "../text/text.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Logo } from "../ui/logo.tsx";
import { type FieldName, faultsOf } from "./faults.ts";

type Mode = "sign_in" | "sign_up";

/** The first thing somebody sees: to sign in, or to make an account. Whoever came by a link is taken there afterwards. */
export function AuthScreen({ session, end }: { session: WebSession; end: SessionEnd | null }) {
  const text = useText();
  const language = useLanguage();
  const route = useRoute();
  // A link of an invitation stays in the address bar while the form changes.
  const [modeHere, setModeHere] = useState<Mode>(end ? "sign_in" : "sign_up");
  const mode = route.name === "join" ? modeHere : route.name === "sign_up" ? "sign_up" : "sign_in";
  const isSigningUp = mode === "sign_up";
  const title = isSigningUp ? text.signUp : text.signIn;
  const switchTo = (next: Mode) => {
    if (route.name === "join") setModeHere(next);
    else navigate(next === "sign_up" ? "/sign-up" : "/sign-in");
  };
  useEffect(() => {
    document.title = `${title} · ${text.appName}`;
  }, [title, text]);
  return (
    <main className="flex min-h-full flex-col items-center justify-center gap-6 overflow-y-auto p-4">
      <header className="flex flex-col items-center gap-3 text-center">
        <Logo />
        <p className="max-w-xs text-muted">{text.tagline}</p>
      </header>
      <section className="w-full max-w-sm rounded-2xl border border-line bg-surface p-6 shadow-sm">
        <h1 className="mb-4 text-xl font-semibold">{title}</h1>
        {end && (
          <p role="status" className="mb-4 rounded-lg bg-notice px-3 py-2 text-sm">
            {text.sessionEnds[end]}
          </p>
        )}
        <AuthForm key={mode} session={session} isSigningUp={isSigningUp} />
        <p className="mt-4 text-center text-sm text-muted">
          {isSigningUp ? text.haveAccount : text.noAccountYet}{" "}
          <button
            type="button"
            className="rounded px-1 py-1 font-medium text-accent-ink underline-offset-2 hover:underline"
            onClick={() => switchTo(isSigningUp ? "sign_in" : "sign_up")}
          >
            {isSigningUp ? text.signIn : text.signUp}
          </button>
        </p>
      </section>
      <nav className="flex gap-4 text-sm text-muted">
        <button
          type="button"
          lang={language === "en" ? "zh-Hans" : "en"}
          className="rounded px-2 py-1 hover:text-ink"
          onClick={() => chooseLanguage(language === "en" ? "zh-Hans" : "en")}
        >
          {language === "en" ? "简体中文" : "English"}
        </button>
        <a href="/api/v1/docs" className="rounded px-2 py-1 hover:text-ink">
          API
        </a>
      </nav>
    </main>
  );
}

function AuthForm({ session, isSigningUp }: { session: WebSession; isSigningUp: boolean }) {
  const text = useText();
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useRef<HTMLFormElement>(null);
  const faults = error instanceof UimError ? faultsOf(error, text) : {};
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [error]);
  const isElsewhere = error !== null && Object.keys(faults).length === 0;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const field = (name: FieldName) => String(data.get(name) ?? "");
    const username = field("username").trim();
    const password = field("password");
    setBusy(true);
    setError(null);
    try {
      if (!isSigningUp) await session.signIn({ username, password });
      else {
        const display_name = field("display_name").trim();
        const email = field("email").trim();
        await session.signUp({ username, email, password, ...(display_name && { display_name }) });
      }
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
      return;
    }
    if (/^\/sign-/.test(location.pathname)) navigate("/", { replace: true });
  };

  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label={isSigningUp ? text.userName : text.userNameOrEmail}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        hint={isSigningUp ? text.userNameHint : undefined}
        error={faults.username}
        {...(isSigningUp && { pattern: "[A-Za-z0-9_]{3,50}", title: text.userNameHint })}
      />
      {isSigningUp && (
        <>
          <TextField
            label={text.email}
            name="email"
            type="email"
            autoComplete="email"
            required
            error={faults.email}
          />
          <TextField
            label={text.displayName}
            name="display_name"
            autoComplete="name"
            maxLength={100}
            hint={text.displayNameHint}
            error={faults.display_name}
          />
        </>
      )}
      <TextField
        label={text.password}
        name="password"
        type={isShown ? "text" : "password"}
        autoComplete={isSigningUp ? "new-password" : "current-password"}
        required
        minLength={isSigningUp ? 8 : 1}
        maxLength={128}
        hint={isSigningUp ? text.passwordHint : undefined}
        error={faults.password}
        after={
          <IconButton
            label={isShown ? text.hidePassword : text.showPassword}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? <EyeOff aria-hidden size={18} /> : <Eye aria-hidden size={18} />}
          </IconButton>
        }
      />
      {isElsewhere && (
        <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-sm text-danger">
          {errorText(text, error)}
        </p>
      )}
      <Button type="submit" kind="primary" disabled={isBusy} className="min-h-11">
        {isSigningUp ? text.signUp : text.signIn}
      </Button>
    </form>
  );
}

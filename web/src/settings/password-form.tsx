import { type FormEvent, useState } from "react";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { Card } from "../shell/pane.tsx";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";

export function PasswordForm() {
  const text = useText();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await run(() => client.api.changePassword(current, next)))) return;
    setCurrent("");
    setNext("");
    notify(text.passwordChanged);
  };
  return (
    <Card title={text.changePassword}>
      <form onSubmit={(event) => void change(event)} className="flex flex-col gap-4">
        <TextField
          label={text.currentPassword}
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label={text.newPassword}
          type="password"
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={128}
          hint={text.passwordHint}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        <Button type="submit" disabled={isBusy || current === "" || next === ""} className="self-end">
          {text.changePassword}
        </Button>
      </form>
    </Card>
  );
}

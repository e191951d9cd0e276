import { LogOut } from "lucide-react";
import {
  chooseLanguage,
  chooseNotifications,
  choosePictures,
  chooseTheme,
  language as chosenLanguage,
  theme as chosenTheme,
  notifications,
  pictures,
} from "../data/preferences.ts";
import { useObservable } from "../data/use-observable.ts";
import { useSignedIn } from "../shell/context.tsx";
import { navigate } from "../shell/navigation.tsx";
import { Card, Pane } from "../shell/pane.tsx";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/field.tsx";
import { SwitchField } from "../ui/switch.tsx";
import { AccountCards } from "./account-cards.tsx";
import { Devices } from "./devices.tsx";
import { PasswordForm } from "./password-form.tsx";

export function SettingsPane() {
  const text = useText();
  const { session } = useSignedIn();
  const signOut = () => {
    session.signOut();
    navigate("/sign-in", { replace: true });
  };
  return (
    <Pane title={text.settings}>
      <AccountCards />
      <Appearance />
      <Notifications />
      <Devices />
      <PasswordForm />
      <Button kind="danger" onClick={signOut}>
        <LogOut aria-hidden size={18} />
        {text.signOut}
      </Button>
    </Pane>
  );
}

function Appearance() {
  const text = useText();
  const theme = useObservable(chosenTheme);
  const language = useObservable(chosenLanguage);
  return (
    <Card title={text.appearance}>
      <SelectField
        label={text.theme}
        value={theme}
        onChange={({ target: { value } }) =>
          chooseTheme(value === "light" || value === "dark" ? value : "system")
        }
      >
        <option value="system">{text.themeSystem}</option>
        <option value="light">{text.themeLight}</option>
        <option value="dark">{text.themeDark}</option>
      </SelectField>
      <SelectField
        label={text.language}
        value={language}
        onChange={({ target: { value } }) => chooseLanguage(value === "zh-Hans" ? value : "en")}
      >
        <option value="en" lang="en">
          English
        </option>
        <option value="zh-Hans" lang="zh-Hans">
          简体中文
        </option>
      </SelectField>
      <SwitchField
        label={text.showPictures}
        hint={text.showPicturesHint}
        checked={useObservable(pictures)}
        onChange={choosePictures}
      />
    </Card>
  );
}

function Notifications() {
  const text = useText();
  const areOn = useObservable(notifications);
  if (!("Notification" in window)) return null;
  const change = async (on: boolean) => {
    const permission = on ? await Notification.requestPermission() : "granted";
    if (permission !== "granted") notify(text.notificationsDenied);
    chooseNotifications(on && permission === "granted");
  };
  return (
    <Card title={text.notifications}>
      <SwitchField label={text.notifyMe} checked={areOn} onChange={(on) => void change(on)} />
    </Card>
  );
}

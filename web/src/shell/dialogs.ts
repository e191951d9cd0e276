import { Store } from "../data/store.ts";

export type OpenDialog = "new_chat" | "new_group" | "shortcuts" | { readonly muting: string };

/** The dialog that is open over the whole app; `muting`: the id of the conversation it is about. */
export const currentDialog = new Store<OpenDialog | null>(null);

export function openDialog(dialog: OpenDialog): void {
  currentDialog.set(dialog);
}

export function closeDialog(): void {
  currentDialog.set(null);
}

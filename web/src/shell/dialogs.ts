import { Store } from "../data/store.ts";

export type DialogName = "new_chat" | "new_group" | "shortcuts";

/** The dialog that is open over the whole app. */
export const currentDialog = new Store<DialogName | null>(null);

export function openDialog(name: DialogName): void {
  currentDialog.set(name);
}

export function closeDialog(): void {
  currentDialog.set(null);
}

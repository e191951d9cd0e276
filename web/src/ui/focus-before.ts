import { useState } from "react";
import { goToArrival } from "../data/use-arrival.ts";

/**
 * Where the focus was before something was opened over the page; called when that is closed, brings it back there, unless it has
 * gone elsewhere meanwhile. What was focused may be gone with what was done to it: then to where the page begins.
 */
export function useFocusBefore(): () => void {
  // While it is drawn for the first time: what has the focus of its own accord takes it before any effect.
  const [before] = useState(() => openerOf(document.activeElement));
  return () => {
    if (document.activeElement !== document.body) return;
    if (before?.isConnected) before.focus();
    else goToArrival();
  };
}

/** What leads to it once more: a menu closes with its items, its button stays. */
function openerOf(element: Element | null): HTMLElement | null {
  const button_id = element?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const opener = button_id ? document.getElementById(button_id) : element;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
}

import { useState } from "react";
import { avatarUrlSchema } from "../../../src/protocol/user.ts";
import { useLater } from "../data/people.ts";
import { useText } from "../text/text.tsx";
import { TextField } from "./field.tsx";

/** Nothing is fetched while an address is half written. */
const PAUSE_MS = 600;

export interface Picture {
  readonly address: string;
  setAddress(address: string): void;
  /** The server will take it. */
  readonly isFit: boolean;
  /** What is to be saved; null: no picture. */
  readonly wanted: string | null;
  /** What is to be seen meanwhile. */
  readonly shown: string | null;
}

/** A picture that is being chosen by its address: there is no place on this server yet where it could lie. */
export function usePicture(saved: string | null): Picture {
  const [address, setAddress] = useState(saved ?? "");
  const [shown, setShown] = useState(saved);
  const wanted = address.trim() || null;
  const isFit = wanted === null || avatarUrlSchema.safeParse(wanted).success;
  useLater(isFit ? wanted : null, PAUSE_MS, setShown);
  return { address, setAddress, isFit, wanted, shown };
}

export function PictureField({ picture: { address, setAddress, isFit } }: { picture: Picture }) {
  const text = useText();
  const [isLeft, setLeft] = useState(false);
  return (
    <TextField
      label={text.picture}
      type="url"
      inputMode="url"
      placeholder="https://"
      value={address}
      maxLength={2048}
      hint={text.pictureHint}
      error={isLeft && !isFit ? text.pictureFault : undefined}
      onChange={(event) => setAddress(event.target.value)}
      onBlur={() => setLeft(true)}
    />
  );
}

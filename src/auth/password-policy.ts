import { COMMON_PASSWORDS } from "./common-passwords.ts";

/** Whose password it is to be. */
interface Owner {
  readonly username: string;
  readonly email: string;
}

/** Of a password that names its owner, so many other characters have to remain. */
const MIN_BESIDE_NAME = 6;

/** Rows of a keyboard and the orders everyone knows; a password that only walks along one is guessed first. */
const WALKS = [
  "abcdefghijklmnopqrstuvwxyz",
  "0123456789",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qazwsxedcrfvtgbyhnujmikolp",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "1q2w3e4r5t6y7u8i9o0p",
  "qwertzuiop",
  "azertyuiop",
];

/** What is wrong with a password as a sentence that says what to do, or null. Its length is the schema's to check. */
export function judgePassword(password: string, owner: Owner): string | null {
  if (!password.isWellFormed()) return "must be well-formed Unicode";
  const lower = password.normalize("NFKC").toLowerCase();
  if (isRepetition(lower)) return "repeats the same few characters; use several unrelated words instead";
  if (isWalk(lower))
    return "follows the alphabet, the digits or the keyboard; use several unrelated words instead";
  if (COMMON_PASSWORDS.has(lower))
    return "is one of the most common passwords; use several unrelated words instead";
  if (namesOwner(lower, owner)) return "contains your user name or e-mail address; choose one that does not";
  return null;
}

/** `aaaaaaaa`, `abcabcabc`: a piece of up to four characters, over and over. */
function isRepetition(lower: string): boolean {
  return /^(.{1,4}?)\1+.{0,3}$/su.test(lower) && new Set(lower).size <= 4;
}

function isWalk(lower: string): boolean {
  return WALKS.some((walk) => {
    const there = walk + walk;
    const back = [...there].reverse().join("");
    return there.includes(lower) || back.includes(lower);
  });
}

function namesOwner(lower: string, owner: Owner): boolean {
  const [localPart = ""] = owner.email.toLowerCase().split("@");
  return [owner.username.toLowerCase(), localPart].some(
    (name) => name.length >= 3 && lower.length - name.length < MIN_BESIDE_NAME && lower.includes(name),
  );
}

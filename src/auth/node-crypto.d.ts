/** The one function we use of it; `@types/node` would bring globals that do not exist in a Worker. */
declare module "node:crypto" {
  export function scrypt(
    password: string | Uint8Array,
    salt: Uint8Array,
    keyLength: number,
    options: { N: number; r: number; p: number; maxmem?: number },
    callback: (error: Error | null, key: Uint8Array) => void,
  ): void;
}

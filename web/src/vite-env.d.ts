/// <reference types="vite/client" />

/** Made by `emoji-modules.ts`. */
declare module "virtual:emoji/*" {
  const rows: readonly (readonly [
    emoji: string,
    name: string,
    tags: string,
    group: number,
    tones?: string[],
  ])[];
  export default rows;
}

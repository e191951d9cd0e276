/** Stands for the module `cloudflare:workers`, so that the routes describe themselves outside workerd. */
export const env = {};

export class DurableObject {}

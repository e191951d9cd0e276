/** The one class of node:async_hooks that is used here; the types of Node would bring its globals along. */
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    run<R>(store: T, work: () => R): R;
    getStore(): T | undefined;
  }
}

/** Numbers by a dense index, without the cost of an object each. What was never set is NaN. */
export class NumberLog {
  #data = new Float64Array(1024).fill(Number.NaN);
  /** One more than the highest index that was set. */
  length = 0;

  get(index: number): number {
    return this.#data[index] ?? Number.NaN;
  }

  set(index: number, value: number): void {
    if (index >= this.#data.length) this.#grow(index);
    this.#data[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  push(value: number): void {
    this.set(this.length, value);
  }

  /** What was set, in order; a copy. */
  values(): Float64Array {
    return this.#data.slice(0, this.length);
  }

  #grow(index: number): void {
    const larger = new Float64Array(Math.max(this.#data.length * 2, index + 1)).fill(Number.NaN);
    larger.set(this.#data);
    this.#data = larger;
  }
}

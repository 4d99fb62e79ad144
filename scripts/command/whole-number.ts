import { InvalidArgumentError } from 'commander';

/** Parser of an option that is a whole number, both bounds allowed. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`${text} is no whole number from ${low} to ${high}.`);
    return value;
  };
}

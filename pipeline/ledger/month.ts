const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const two = (value: number): string => String(value).padStart(2, '0');

/** Whether a text is a month, yyyy-mm. */
export const isMonth = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);

/** ISO date of the last day of a month (yyyy-mm). */
export function lastDayOf(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return `${month}-${two(number === 2 && isLeap ? 29 : daysInMonth[number - 1]!)}`;
}

export const isWithinMonth = (date: string, month: string): boolean => date.slice(0, 7) === month;

/** Months from the first to the last, both included (yyyy-mm). */
export function monthsBetween(first: string, last: string): readonly string[] {
  const months: string[] = [];
  for (let [year, number] = [Number(first.slice(0, 4)), Number(first.slice(5, 7))]; ; number++) {
    if (number > 12) [year, number] = [year + 1, 1];
    const month = `${year}-${two(number)}`;
    if (month > last) return months;
    months.push(month);
  }
}

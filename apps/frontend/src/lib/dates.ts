/** A calendar day, `YYYY-MM-DD`, in the browser's time zone. */
export function dayOf(date: Date): string {
  const part = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
}

/** The day that is so many days after another one. */
export function addDays(day: string, days: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return dayOf(new Date(year, month - 1, date + days));
}

/** The Monday after a day. */
export function nextMonday(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const weekday = new Date(year, month - 1, date).getDay();
  return addDays(day, (8 - weekday) % 7 || 7);
}

import { useEffect, useState } from "react";

/** A choice that this browser keeps. The server renders `otherwise`, as it doesn't know. */
export function useStored<Value extends string>(
  key: string,
  values: readonly Value[],
  otherwise: Value,
): [Value, (value: Value) => void] {
  const [value, setValue] = useState(otherwise);
  useEffect(() => {
    try {
      const kept = localStorage.getItem(key);
      const known = values.find((one) => one === kept);
      if (known) setValue(known);
    } catch {
      // Switched off: the choice holds as long as the page.
    }
  }, [key, values]);
  const choose = (chosen: Value): void => {
    setValue(chosen);
    try {
      localStorage.setItem(key, chosen);
    } catch {
      // As above.
    }
  };
  return [value, choose];
}

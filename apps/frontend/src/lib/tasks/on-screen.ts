/** More than anybody counts through; the back end takes no more. */
const MOST = 50;

let ids: readonly string[] = [];

/** The ids of the tasks that the page shows, in order, where it shows a selection; none otherwise. */
export function onScreen(): readonly string[] {
  return ids;
}

/** Notes which selection the page shows. Returns how to take that back. */
export function noteOnScreen(tasks: readonly { id: string }[]): () => void {
  ids = tasks.slice(0, MOST).map(({ id }) => id);
  return () => {
    ids = [];
  };
}

/** Stands in for a message and its answer while they load. */
export function MessagesSkeleton() {
  return (
    <div className="animate-breathe space-y-6" aria-hidden="true">
      <div className="ml-auto h-11 w-2/5 rounded-2xl bg-line" />
      <div className="space-y-2 pl-11">
        <div className="h-4 w-4/5 rounded bg-line" />
        <div className="h-4 w-3/5 rounded bg-line" />
      </div>
    </div>
  );
}

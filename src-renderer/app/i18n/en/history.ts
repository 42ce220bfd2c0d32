/** Who changed what of an object, and when. */
export const history = {
  history: {
    title: 'History',
    seen: 'Changes seen here',
    seenHint: 'What changes from now on shows here. It is kept while the app runs, once the details have been opened.',
    first: 'as it was at first',
    nothing: 'nothing that matters',
    deleted: 'deleted',
    andMore: '{fields} and {n} more',
    from: 'Earlier version',
    to: 'Later version',
    managers: 'Field managers',
    noManagers: 'The object has no managed fields.',
    fields: '{n} field | {n} fields',
  },
}

/** The map of a cluster, and what is related to an object. */
export const map = {
  map: {
    title: 'Map',
    objects: '{n} object | {n} objects',
    missing: 'missing',
    more: '{n} more',
    empty: 'Nothing here',
    noMatch: 'Nothing matches',
    failed: 'The objects could not be read',
    noNamespace: 'Not in a namespace',
    cut: 'Of these kinds only the first 500 are shown: {kinds}.',
    forbidden: 'Not shown, as they may not be listed: {kinds}.',
    tooMany: 'The first {n} of {total} groups are shown. Search for the name of another one.',
    related: 'Related',
    alone: 'Nothing owns it, selects it or uses it, and it does so to nothing.',
    again: 'It is shown further up.',
    relation: {
      owns: 'owns',
      routes: 'routes to',
      selects: 'selects',
      scales: 'scales',
      guards: 'protects',
      uses: 'uses',
    },
  },
}

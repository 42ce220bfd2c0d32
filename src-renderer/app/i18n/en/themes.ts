/** Themes of a person's own. */
export const themes = {
  themes: {
    add: 'Add a theme from a file',
    copy: 'Save this theme as a file',
    remove: 'Remove {name}',
    mine: 'My theme',
    refused: '{file} is no theme: {why}.',
    problem: {
      json: 'it is not a JSON object',
      name: '“name” is a text of at most 40 letters',
      base: '“base” is “light” or “dark”',
      colours: '“colours” names at least one colour',
      unknown: 'there is no colour “{colour}”',
      value: '{value} for “{colour}” is not a colour as #1a2b3c',
    } as Record<string, string>,
    faint: 'Hard to read: {n} pair of colours. | Hard to read: {n} pairs of colours.',
    faintOne: '{colour} on {ground}: {contrast} of 4.5',
  },
}

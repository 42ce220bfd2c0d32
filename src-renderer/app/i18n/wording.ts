/**
 * A text that is worded whenever it is shown, for what stays in sight while the language may change: `() => t('dialog.deleted', { name })`.
 * What it names is taken when it is made; only the words come later.
 */
export type Wording = () => string

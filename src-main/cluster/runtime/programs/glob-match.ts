/** Patterns of options such as `--include`, `--ignore` and `--exclude`, as fnmatch(3) takes them. */
import { Pattern } from '../shell/pattern.js'

export function globMatches(pattern: string, name: string): boolean {
  return new Pattern(pattern).matches(name)
}

/** Paths that must stay within a directory, and file modes. */
import { field, type FieldError } from '../../errors.js'

/** No element of the path may be `..`. */
export function checkNoBacksteps(value: string, path: string, errors: FieldError[]): void {
  if (value.split('/').includes('..')) errors.push(field.invalid(path, value, "must not contain '..'"))
}

/** A path below the place it is relative to. */
export function checkDescending(value: string, path: string, errors: FieldError[]): void {
  if (value.startsWith('/')) errors.push(field.invalid(path, value, 'must be a relative path'))
  checkNoBacksteps(value, path, errors)
}

/** Such a path whose first name does not start with two dots, which are kept for atomic updates. */
export function checkDescendingNotReserved(value: string, path: string, errors: FieldError[]): void {
  checkDescending(value, path, errors)
  if (value.startsWith('..') && value !== '..' && !value.startsWith('../'))
    errors.push(field.invalid(path, value, "must not start with '..'"))
}

/** Permission bits of a file. */
export function checkFileMode(mode: number | null | undefined, path: string, errors: FieldError[]): void {
  if (typeof mode === 'number' && (mode > 0o777 || mode < 0))
    errors.push(field.invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'))
}

/**
 * Of fewer members it is not told how many are online: that would say who is (PRES-3). Apart from the schemas, which the web
 * client does not need for it.
 */
export const MIN_COUNTED_MEMBERS = 3;

export function Logo() {
  return (
    <svg aria-hidden="true" viewBox="0 0 64 64" width="56" height="56">
      <rect width="64" height="64" rx="16" className="fill-accent" />
      <path
        d="M32 14c-11 0-20 7.4-20 16.6 0 5.1 2.8 9.600 7.200 12.700-.3 2.700-1.500 5.200-3.300 7.100-.5.5-.1 1.400.6 1.300 4.300-.4 8-1.900 10.900-4 1.500.3 3 .4 4.600.4 11 0 20-7.400 20-16.600S43 14 32 14Z"
        fill="#fff"
      />
      <g className="fill-accent">
        <circle cx="23.500" cy="31" r="3" />
        <circle cx="32" cy="31" r="3" />
        <circle cx="40.500" cy="31" r="3" />
      </g>
    </svg>
  );
}

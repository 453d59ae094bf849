import React, { useState } from "react";
import { Shop } from "./shop";

type Props = { shop: Shop };

export function Panel({ shop }: Props) {
  const [open, setOpen] = useState(false);
  return <button onClick={() => setOpen(!open)}>{shop.total(1)}</button>;
}

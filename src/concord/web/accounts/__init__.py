"""Who has an account, which roles and seats they hold: joiners, movers, leavers. No case is seen here."""

"""Making a referral and following it; the receiving team's tray and its contacts."""

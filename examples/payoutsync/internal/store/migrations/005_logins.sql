-- Log-ins in the middle of a booking were kept among the exchanges, with passwords and tokens.
delete from exchanges where url like '%/token' or request like '%grant_type=%';

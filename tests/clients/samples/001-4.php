<?php
// Stands for the platform's PHP client: an array body makes curl send multipart/form-data, and
// the auth code goes out as AUTH_KEY.
class SimpleJwtLoginClient
{
    public function __construct(private string $site, private string $namespace)
    {
    }

    public function authenticate(string $email, string $password, ?string $authCode = null): array
    {
        $fields = ['email' => $email, 'password' => $password];
        if ($authCode !== null) {
            $fields['AUTH_KEY'] = $authCode;
        }
        $curl = curl_init($this->site . '/?rest_route=' . $this->namespace . '/auth');
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => 'POST',
            CURLOPT_POSTFIELDS => $fields,
            CURLOPT_RETURNTRANSFER => true,
        ]);
        $body = curl_exec($curl);
        if ($body === false) {
            throw new RuntimeException(curl_error($curl));
        }
        return [$body, curl_getinfo($curl, CURLINFO_RESPONSE_CODE)];
    }
}

$simpleJwtLogin = new SimpleJwtLoginClient(
'{{BASE}}',
'/simple-jwt-login/v1'
);
$result = $simpleJwtLogin->authenticate('{{EMAIL}}', '{{PASSWORD}}', '{{AUTH_CODE}}');

[$body, $status] = $result; // for the runner
echo "$body\n= $status\n";

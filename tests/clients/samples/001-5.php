<?php
// Stands for the platform's PHP client, all of it: every call is an array body, which curl sends as
// multipart/form-data, whatever the method.
class SimpleJwtLoginClient
{
    public function __construct(private string $site, private string $namespace)
    {
    }

    public function call(string $method, string $endpoint, array $fields): array
    {
        $curl = curl_init($this->site . '/?rest_route=' . $this->namespace . $endpoint);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_POSTFIELDS => $fields,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_RESOLVE => [parse_url($this->site, PHP_URL_HOST) . ':' . parse_url($this->site, PHP_URL_PORT) . ':127.0.0.1'],
        ]);
        $body = curl_exec($curl);
        if ($body === false) {
            throw new RuntimeException(curl_error($curl));
        }
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        echo "$body\n= $status\n"; // for the runner
        return json_decode($body, true);
    }

    public function authenticate(string $email, string $password): string
    {
        return $this->call('POST', '/auth', ['email' => $email, 'password' => $password])['data']['jwt'] ?? '';
    }
}

$client = new SimpleJwtLoginClient('{{BASE}}', '/simple-jwt-login/v1');
[$email, $password, $changed] = ['{{EMAIL}}', '{{PASSWORD}}', '{{CHANGED}}'];
$client->call('POST', '/users', ['email' => $email, 'password' => $password]);
$jwt = $client->authenticate($email, $password);
$client->call('POST', '/auth/validate', ['JWT' => $jwt]);
$client->call('POST', '/auth/refresh', ['JWT' => $jwt]);
$client->call('POST', '/auth/revoke', ['JWT' => $jwt]);
$client->call('POST', '/auth/validate', ['JWT' => $jwt]);
$client->call('POST', '/user/reset_password', ['email' => $email]);
$jwt = $client->authenticate($email, $password);
$client->call('PUT', '/user/reset_password', ['email' => $email, 'new_password' => $changed, 'JWT' => $jwt]);
$client->authenticate($email, $password);
$jwt = $client->authenticate($email, $changed);
$client->call('DELETE', '/users', ['JWT' => $jwt]);
$client->authenticate($email, $changed);
